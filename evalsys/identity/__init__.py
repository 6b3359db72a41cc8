"""Who may: accounts, roles, scope, sign-in and API tokens."""
