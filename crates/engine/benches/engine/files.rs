//! The events as files.

use std::io::{Result, Write};

use segments_engine::batch::MISSING_BOOLEAN;
use segments_model::Instant;

use crate::events::{NAMES, NO_PATH, Piece, country, path, user_id};

/// Writes the columns one after the other, as little-endian numbers, behind the number of rows.
pub fn write_columns(to: &mut impl Write, piece: &Piece) -> Result<()> {
    to.write_all(&(piece.users.len() as u32).to_le_bytes())?;
    write_all(to, &piece.users, |user| user.to_le_bytes())?;
    to.write_all(&piece.names)?;
    write_all(to, &piece.seconds, |seconds| seconds.to_le_bytes())?;
    to.write_all(&piece.countries)?;
    write_all(to, &piece.paths, |path| path.to_le_bytes())?;
    write_all(to, &piece.prices, |price| price.to_le_bytes())?;
    to.write_all(&piece.gifts)
}

fn write_all<T: Copy, const N: usize>(
    to: &mut impl Write,
    of: &[T],
    bytes: impl Fn(T) -> [u8; N],
) -> Result<()> {
    of.iter().try_for_each(|one| to.write_all(&bytes(*one)))
}

/// Writes all pieces as CSV.
pub fn write_csv(to: &mut impl Write, pieces: impl Iterator<Item = Piece>) -> Result<()> {
    writeln!(to, "user_id,name,time,country,path,price,gift")?;
    for piece in pieces {
        for row in 0..piece.users.len() {
            let time = Instant::from_millis_saturating(i64::from(piece.seconds[row]) * 1_000);
            write!(
                to,
                "{},{},{time},{},",
                user_id(piece.users[row]),
                NAMES[usize::from(piece.names[row])],
                country(piece.countries[row]),
            )?;
            if piece.paths[row] != NO_PATH {
                write!(to, "{}", path(piece.paths[row]))?;
            }
            match piece.prices[row] {
                price if price.is_nan() => write!(to, ",,")?,
                price => write!(to, ",{price},")?,
            }
            match piece.gifts[row] {
                MISSING_BOOLEAN => writeln!(to)?,
                gift => writeln!(to, "{}", gift == 1)?,
            }
        }
    }
    Ok(())
}
