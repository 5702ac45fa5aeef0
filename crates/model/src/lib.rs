//! The language of user segments: criteria, filters, ranges, segments and problems, with their meaning, validation and sentence.
