"""How often, for how much, and what need not be asked twice: rates, money, budgets, caches."""
