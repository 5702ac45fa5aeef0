//! Takes a file in as it comes.

use segments_model::calendar::Zone;
use segments_model::import::ImportOptions;

use crate::error::ImportError;
use crate::imported::{Imported, Known};
use crate::limits::Limits;
use crate::lines::Lines;
use crate::rows::{Roles, Rows};
use crate::sample::{SAMPLE_BYTES, Sample, without_mark};

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes pushed.
    pub bytes: u64,
    /// Lines read.
    pub lines: u64,
    /// Lines taken.
    pub accepted: u64,
    /// Lines refused so far; the end of the file can add some, because only there the type of each property is known.
    pub rejected: u64,
}

/// Reads a file of events or users from its bytes, in chunks of any size. The chunks make no difference to the result.
///
/// Memory grows with the different values of each column and by four bytes for each value; a single line is bounded by
/// [`Limits`].
pub struct Importer {
    options: ImportOptions,
    zone: Zone,
    known: Known,
    limits: Limits,
    bytes: u64,
    stage: Stage,
}

enum Stage {
    /// Waiting for enough of the file to tell what it is.
    Start(Vec<u8>),
    Reading(Box<Reading>),
    /// Refused as a whole.
    Failed(ImportError),
}

struct Reading {
    lines: Lines,
    rows: Rows,
}

impl Importer {
    /// An import with these columns, or the ones recognised. Times that carry no zone are of `options.time_zone`, or of
    /// the project's; `known` are the types of the properties of the same kind that are there already.
    ///
    /// # Errors
    /// When the zone is unknown, or one column is named for two things.
    pub fn new(
        options: ImportOptions,
        project_zone: &Zone,
        known: Known,
        limits: Limits,
    ) -> Result<Self, ImportError> {
        let zone = match &options.time_zone {
            Some(name) => Zone::parse(name)?,
            None => project_zone.clone(),
        };
        Roles::named(&options).check()?;
        Ok(Self {
            options,
            zone,
            known,
            limits,
            bytes: 0,
            stage: Stage::Start(Vec::new()),
        })
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    /// When the file is refused as a whole; nothing of it can be had any more, and the same error comes again.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), ImportError> {
        self.bytes += chunk.len() as u64;
        let pushed = self.take(chunk);
        self.keep_failure(pushed)
    }

    fn take(&mut self, mut chunk: &[u8]) -> Result<(), ImportError> {
        // The byte order mark is not of the sample.
        const ENOUGH: usize = SAMPLE_BYTES + 3;
        if let Stage::Start(start) = &mut self.stage {
            let missing = ENOUGH.saturating_sub(start.len());
            let (taken, rest) = chunk.split_at_checked(missing).unwrap_or((chunk, &[]));
            start.extend_from_slice(taken);
            if start.len() < ENOUGH {
                return Ok(());
            }
            chunk = rest;
            self.start()?;
        }
        match &mut self.stage {
            Stage::Start(_) => Ok(()),
            Stage::Reading(reading) => reading.push(&self.zone, chunk),
            Stage::Failed(error) => Err(error.clone()),
        }
    }

    /// Tells from the first part of the file what it is, and reads that part.
    fn start(&mut self) -> Result<(), ImportError> {
        let Stage::Start(start) = &mut self.stage else {
            return Ok(());
        };
        let start = std::mem::take(start);
        let sample = Sample::read(&start)?;
        let roles = Roles::of(&self.options, &sample)?;
        let lines = Lines::new(self.limits.line_bytes, sample.delimiter);
        let rows = Rows::new(self.options.kind, sample, roles, self.limits);
        let mut reading = Box::new(Reading { lines, rows });
        reading.push(&self.zone, without_mark(&start))?;
        self.stage = Stage::Reading(reading);
        Ok(())
    }

    fn keep_failure<T>(&mut self, result: Result<T, ImportError>) -> Result<T, ImportError> {
        if let Err(error) = &result {
            self.stage = Stage::Failed(error.clone());
        }
        result
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let bytes = self.bytes;
        match &self.stage {
            Stage::Reading(reading) => Progress {
                bytes,
                lines: reading.lines.next_number() - 1,
                accepted: reading.rows.accepted(),
                rejected: reading.rows.rejected(),
            },
            Stage::Start(_) | Stage::Failed(_) => Progress {
                bytes,
                ..Progress::default()
            },
        }
    }

    /// The rows, now that the last byte was pushed. Reads each different value of a column once.
    ///
    /// # Errors
    /// When the file is refused as a whole.
    pub fn finish(mut self) -> Result<Imported, ImportError> {
        self.start()?;
        match self.stage {
            Stage::Reading(mut reading) => {
                reading.finish(&self.zone)?;
                reading.rows.finish(&self.zone, &self.known)
            }
            Stage::Failed(error) => Err(error),
            Stage::Start(_) => Err(ImportError::Empty),
        }
    }
}

impl Reading {
    fn push(&mut self, zone: &Zone, chunk: &[u8]) -> Result<(), ImportError> {
        let mut clock = zone.local_clock();
        let rows = &mut self.rows;
        self.lines
            .push(chunk, &mut |line| rows.take(&line, &mut clock))
    }

    fn finish(&mut self, zone: &Zone) -> Result<(), ImportError> {
        let mut clock = zone.local_clock();
        let rows = &mut self.rows;
        self.lines.finish(&mut |line| rows.take(&line, &mut clock))
    }
}
