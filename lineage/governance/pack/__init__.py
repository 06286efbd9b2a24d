"""The audit pack: everything that can be said of one model's data, for somebody who must judge."""
