-- Version 2: the device a source stands on, to tell an emptied folder from an unmounted one.
ALTER TABLE source ADD COLUMN device INTEGER NOT NULL DEFAULT 0;
