"""The check of a policy as text, Markdown, SARIF, JUnit and annotations."""
