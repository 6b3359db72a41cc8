"""evalsys: the citizen evaluation (好差评) system of a government service hall."""
