//! Trees of programs, as Vera's own parser and checker read them: what is printed of one
//! is read as the same one.

use crate::native::{Vera, catalogue};
use vera_stress::case::{Scale, Sources};
use vera_stress::scenario::Scenario;
use vera_stress::vera::print::print;

const RELEASE: &str = "0.2.5";

/// Fails unless the program of a scenario is read again as it is printed.
#[track_caller]
fn is_read_as_it_is_printed(scenario: &Scenario) {
    let n = Scale::new(5).unwrap();
    let sources = scenario.program.sources(n).unwrap();
    let vera = Vera::of(RELEASE);
    let name = &scenario.name;
    let tree = vera.tree(&sources);
    let tree = tree.unwrap_or_else(|| panic!("{name} is read"));
    assert_eq!(tree.unread, Vec::<String>::new(), "{name}");
    let text = print(&tree).unwrap();
    let mut printed: Sources = sources.clone();
    printed.files.insert(sources.main.clone(), text.clone());
    let again = vera.tree(&printed);
    let again = again.unwrap_or_else(|| panic!("{name} is read again: {text}"));
    assert_eq!(again, tree, "{name}: {text}");
    assert_eq!(print(&again).unwrap(), text, "{name}");
}

#[test]
fn programs_of_the_catalogue_are_read_as_they_are_printed() {
    let catalogue = catalogue();
    let some = catalogue.scenarios.iter().step_by(13);
    some.for_each(is_read_as_it_is_printed);
}

#[test]
#[ignore = "long: each program of the catalogue is read twice"]
fn long_every_program_of_the_catalogue_is_read_as_it_is_printed() {
    let catalogue = catalogue();
    assert!(catalogue.scenarios.len() > 100);
    catalogue
        .scenarios
        .iter()
        .for_each(is_read_as_it_is_printed);
}
