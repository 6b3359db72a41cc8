"""What is noted at a window where something could not be done."""

MATTER_LIMIT = 60  # code points of what somebody came for
WORDS_LIMIT = 200  # code points of why it was not done
