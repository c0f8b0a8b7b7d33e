//! The seed of a run that names none.

/// Today as a number, 20261121 for the 21st of November 2026: the same for all
/// who run on one day (in UTC), and another tomorrow.
pub fn seed_of_today() -> u64 {
    let today = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    let [year, month, day] = [
        i64::from(today.year()),
        today.month().into(),
        today.day().into(),
    ];
    u64::try_from(10_000 * year + 100 * month + day)
        .expect("a clock that stands before the year 0 cannot be set")
}
