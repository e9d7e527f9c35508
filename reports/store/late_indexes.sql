-- Indexes only the reports need; made when the first sweep closes, since a growing index slows every
-- insert before that.
CREATE INDEX IF NOT EXISTS document_content ON document (content_id) WHERE content_id IS NOT NULL;
-- With all that counting persons asks for, so that it never leaves the index.
CREATE INDEX IF NOT EXISTS subject_document ON document_subject (subject_key, document_id, categories, test_data);
