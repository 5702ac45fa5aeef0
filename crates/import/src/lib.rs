//! Reads files of events and users, CSV and NDJSON, as a stream of bytes, and says what it took and what it refused.
