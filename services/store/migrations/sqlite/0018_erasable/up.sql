-- What is sealed for a case, and what is sealed under a key: asked before keys are destroyed, of each case that is erased.
CREATE INDEX bodies_of_case ON bodies (case_id, key_id);
CREATE INDEX bodies_under_key ON bodies (key_id, case_id);
CREATE INDEX fact_links_of_case ON fact_links (case_id, key_id);
CREATE INDEX fact_links_under_key ON fact_links (key_id, case_id);
