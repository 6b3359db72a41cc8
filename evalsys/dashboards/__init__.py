"""Who looks at it: rankings and the manager's console; reads sums, never single ratings."""
