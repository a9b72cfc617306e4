DROP TABLE budget_children;
DROP TABLE budgets;
