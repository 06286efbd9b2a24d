"""How a server is reached: certificates, proxies, headers, time limits."""

import ssl
from dataclasses import dataclass, field

from lineage.errors import BrokenFile

__all__ = ["Connection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Settings and limits of a connection; the defaults suit a server with a public certificate.

    Attributes
    ----------
    timeout : float
        Seconds to wait for each step of a request: to connect, and for the next bytes.
    time_limit : float
        Seconds that a whole request may take, until the last byte of its answer: what
        trickles on and on is cut.
    verify : bool
        Whether the server's certificate is checked. Leave it on: without it, whoever stands
        between can read the token.
    ca_bundle : str or None
        A file with the certificates of the authorities to trust, besides none other.
    certificate, key : str or None
        Files with a certificate of our own and its key, for servers that ask for one.
    proxy : str or None
        The address of a proxy.
    headers : tuple of (str, str)
        Names and values sent with every request; shown nowhere, since some are secret.
    trust_environment : bool
        Whether the usual variables (`HTTPS_PROXY`, `NO_PROXY`, …) are honoured.

    Examples
    --------
    >>> Connection(headers=(("X-Team", "growth"),), timeout=5.0)
    Connection(timeout=5.0, time_limit=300.0, verify=True, ca_bundle=None, certificate=None)
    """

    timeout: float = 30.0
    time_limit: float = 300.0
    verify: bool = True
    ca_bundle: str | None = None
    certificate: str | None = None
    key: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    trust_environment: bool = field(default=False, repr=False)

    def certificates(self) -> ssl.SSLContext | bool:
        """Load what certificates are checked by, and our own.

        Returns
        -------
        ssl.SSLContext or bool
            A bool where nothing is to be loaded: whether to check as usual.

        Raises
        ------
        BrokenFile
            A file is missing, or holds no certificate.
        """
        if not self.verify or (self.ca_bundle is None and self.certificate is None):
            return self.verify
        path = self.ca_bundle or ""
        try:
            context = ssl.create_default_context(cafile=self.ca_bundle)
            if self.certificate is not None:
                path = self.certificate
                context.load_cert_chain(self.certificate, self.key)
        except (OSError, TypeError, ValueError) as error:
            problem = getattr(error, "strerror", None) or error
            reason = f"holds no certificate that can be used: {problem}"
            raise BrokenFile(path, reason) from None
        return context
