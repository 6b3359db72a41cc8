"""The bad-review loop: from a bad tap to the citizen's word that it is put right."""
