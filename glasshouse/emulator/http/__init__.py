"""The emulator's HTTP surface: the API under `/v1`, and controls under `/emulator`."""
