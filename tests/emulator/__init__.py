"""The emulator's rules, fact by fact."""
