"""What every feature stands on: clock, database, access, settings. No word of the hall's business in here."""
