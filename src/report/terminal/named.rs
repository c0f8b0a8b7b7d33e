//! Many cases in one line.

use crate::case::Lane;

/// The scenarios of cases, each once, with its lanes where there are no more than
/// `most`; of more, the first ones and how many there are besides.
pub fn named<'a>(cases: impl IntoIterator<Item = (&'a str, Lane)>, most: usize) -> String {
    let mut scenarios: Vec<(&str, Vec<String>)> = Vec::new();
    for (scenario, lane) in cases {
        let lane = lane.to_string();
        match scenarios.iter_mut().find(|(name, _)| *name == scenario) {
            Some((_, lanes)) if lanes.contains(&lane) => {}
            Some((_, lanes)) => lanes.push(lane),
            None => scenarios.push((scenario, vec![lane])),
        }
    }
    let more = scenarios.len().saturating_sub(most);
    if more == 0 {
        let whole = |(name, lanes): &(&str, Vec<String>)| format!("{name} [{}]", lanes.join(", "));
        return scenarios.iter().map(whole).collect::<Vec<_>>().join(", ");
    }
    let first: Vec<&str> = scenarios[..most].iter().map(|(name, _)| *name).collect();
    let s = if more == 1 { "" } else { "s" };
    format!("{} and {more} more scenario{s}", first.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_scenarios_are_named_with_their_lanes_and_many_are_counted() {
        let case = |name: &'static str, lane: &str| (name, lane.parse().unwrap());
        let cases = [
            case("life", "reference"),
            case("life", "native"),
            case("life", "native"),
            case("sets", "native"),
            case("trees", "native"),
        ];
        assert_eq!(
            named(cases, 3),
            "life [reference, native], sets [native], trees [native]"
        );
        assert_eq!(named(cases, 2), "life, sets and 1 more scenario");
        assert_eq!(named(cases, 1), "life and 2 more scenarios");
    }
}
