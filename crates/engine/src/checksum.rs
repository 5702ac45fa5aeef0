//! CRC-32 (that of IEEE 802.3), which every column is written with.

#![expect(clippy::indexing_slicing, reason = "a byte is below 256")]

use std::sync::OnceLock;

/// The remainders of a byte with so many zeros after it. They are worked out at the first use: as constants they would be
/// sixteen kilobytes of the worker that nothing can compress.
type Remainders = [[u32; 256]; 16];

fn remainders() -> &'static Remainders {
    static REMAINDERS: OnceLock<Box<Remainders>> = OnceLock::new();
    REMAINDERS.get_or_init(|| {
        let mut remainders = Box::new([[0; 256]; 16]);
        for byte in 0..256 {
            let mut remainder = byte as u32;
            for zeros in remainders.iter_mut() {
                for _ in 0..8 {
                    let over = remainder & 1;
                    remainder = (remainder >> 1) ^ (over * 0xedb8_8320);
                }
                zeros[byte] = remainder;
            }
        }
        remainders
    })
}

/// The checksum of bytes.
pub(crate) fn of(bytes: &[u8]) -> u32 {
    let remainders = remainders();
    let mut sum = u32::MAX;
    let (blocks, rest) = bytes.as_chunks::<16>();
    for block in blocks {
        let mut block = *block;
        for (byte, of_sum) in block.iter_mut().zip(sum.to_le_bytes()) {
            *byte ^= of_sum;
        }
        let each = block.iter().zip(remainders.iter().rev());
        sum = each.fold(0, |sum, (byte, zeros)| sum ^ zeros[usize::from(*byte)]);
    }
    for byte in rest {
        sum = remainders[0][usize::from(sum as u8 ^ byte)] ^ (sum >> 8);
    }
    !sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::of;

    proptest! {
        #[test]
        fn it_is_the_sum_that_all_others_find(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(of(&bytes), crc32fast::hash(&bytes));
        }
    }
}
