//! What a person sees of scenarios that could not be loaded: a block each, among
//! the last lines, since what was said at the beginning has scrolled away.

use console::Style;

use crate::record::Unloaded;

/// What stands before each.
const LABEL: &str = "NOT LOADED";

/// A block for each, without colours.
pub fn text(unloaded: &[Unloaded]) -> String {
    let block = |it: &Unloaded| format!("\n{LABEL} {it}\n");
    unloaded.iter().map(block).collect()
}

/// The same in colour, and apart from each other.
pub fn blocks(unloaded: &[Unloaded]) -> Vec<String> {
    let label = Style::new().red().bold().apply_to(LABEL).to_string();
    let block = |it: &Unloaded| format!("{label} {it}\n");
    unloaded.iter().map(block).collect()
}
