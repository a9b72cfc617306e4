DROP INDEX fact_links_under_key;
DROP INDEX fact_links_of_case;
DROP INDEX bodies_under_key;
DROP INDEX bodies_of_case;
