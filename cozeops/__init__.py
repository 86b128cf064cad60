"""Infrastructure as code for Coze (扣子). Imports nothing heavy: `--help` stays fast."""

__version__ = "0.1.0"
