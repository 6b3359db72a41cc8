"""The codes on the windows: the short text and its check, the picture, the printed sheet."""
