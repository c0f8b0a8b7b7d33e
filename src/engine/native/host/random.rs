//! `Random`, from the run's seed: a case that uses it repeats.

use std::num::NonZeroU64;

use wasmtime::{Caller, Result};

use super::super::failure::HostFailure;
use super::super::import::{Import, called};
use super::super::state::Host;
use crate::instrument::schedule::Rng;

type Guest<'a> = Caller<'a, Host>;

/// Binds an import of this family.
pub fn bind(import: &mut Import<'_>) -> bool {
    let slot = import.slot;
    match import.name {
        "random_int" => import.to(
            move |mut guest: Guest<'_>, low: i64, high: i64| -> Result<i64> {
                Ok(between(&mut called(&mut guest, slot).random, low, high)?)
            },
        ),
        "random_float" => {
            import.to(move |mut guest: Guest<'_>| called(&mut guest, slot).random.unit())
        }
        "random_bool" => import.to(move |mut guest: Guest<'_>| {
            i32::from(called(&mut guest, slot).random.unit() < 0.5)
        }),
        _ => false,
    }
}

/// A number from `low` to `high`, both included.
fn between(random: &mut Rng, low: i64, high: i64) -> Result<i64, HostFailure> {
    if low > high {
        // In Python's words, which are what Vera's host says.
        let why = format!("empty range in randrange({low}, {})", i128::from(high) + 1);
        return Err(HostFailure::Refused(why));
    }
    let width = high.wrapping_sub(low).cast_unsigned();
    let offset = match width.checked_add(1).and_then(NonZeroU64::new) {
        Some(numbers) => random.below(numbers),
        None => random.bits(),
    };
    Ok(low.wrapping_add(offset.cast_signed()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lie_between_their_ends() {
        let mut random = Rng::new(3);
        for (low, high) in [
            (1, 6),
            (-5, -5),
            (i64::MIN, i64::MAX),
            (i64::MAX - 1, i64::MAX),
        ] {
            for _ in 0..100 {
                let number = between(&mut random, low, high).unwrap();
                assert!((low..=high).contains(&number));
            }
        }
        let mut seen: Vec<i64> = (0..200)
            .map(|_| between(&mut random, 1, 6).unwrap())
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
        assert!(between(&mut random, 2, 1).is_err());
    }
}
