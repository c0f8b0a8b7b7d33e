//! The fixed part of the page. Its scripts are allowed by their digest, and
//! nothing else may run or be loaded: a page that is opened years later, from a
//! mail, asks nobody for anything.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{FIRST_LINE, escaped};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// The chart library, with its licences, as it was published.
const LIBRARY: [&str; 4] = [
    concat!("/*\n", include_str!("vendor/d3.LICENSE"), "*/\n"),
    include_str!("vendor/d3.min.js"),
    concat!("\n/*\n", include_str!("vendor/plot.LICENSE"), "*/\n"),
    include_str!("vendor/plot.umd.min.js"),
];

/// Our own script, one part a purpose; each uses those above it.
const PARTS: [&str; 20] = [
    include_str!("dom.js"),
    include_str!("words.js"),
    include_str!("model.js"),
    include_str!("state.js"),
    include_str!("recorded.js"),
    include_str!("chart.js"),
    include_str!("heap.js"),
    include_str!("finding.js"),
    include_str!("evidence.js"),
    include_str!("table.js"),
    include_str!("failures.js"),
    include_str!("causes.js"),
    include_str!("cases.js"),
    include_str!("climb.js"),
    include_str!("compare.js"),
    include_str!("searches.js"),
    include_str!("trend.js"),
    include_str!("past.js"),
    include_str!("head.js"),
    include_str!("main.js"),
];

/// The page around its data and its plain text, both of them HTML.
pub fn page(data: &str, plain: &str) -> String {
    let library = LIBRARY.concat();
    let script = format!("(() => {{\n\"use strict\";\n{}}})();\n", PARTS.concat());
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}' 'sha256-{}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
        digest(&library),
        digest(&script)
    );
    // What is put in is not looked at again: data may hold what looks like a mark.
    let mut page = format!("{FIRST_LINE}\n");
    let mut rest = TEMPLATE;
    let parts = [
        ("{{policy}}", escaped(&policy)),
        ("{{style}}", STYLE.to_owned()),
        ("{{plain}}", plain.to_owned()),
        ("{{data}}", data.to_owned()),
        ("{{library}}", library),
        ("{{script}}", script),
    ];
    for (mark, text) in parts {
        let (before, after) = rest
            .split_once(mark)
            .expect("the template has each mark once, in this order");
        page.push_str(before);
        page.push_str(&text);
        rest = after;
    }
    page.push_str(rest);
    page
}

fn digest(script: &str) -> String {
    STANDARD.encode(Sha256::digest(script))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_the_script_ends_its_element() {
        for part in LIBRARY.iter().chain(&PARTS) {
            assert!(!part.contains("</script") && !part.contains("<!--"));
        }
        assert!(!STYLE.contains("</style"));
    }

    #[test]
    fn the_fixed_part_is_small() {
        assert!(page("", "").len() < 650_000);
    }

    #[test]
    fn what_is_put_in_is_not_looked_at_again() {
        let page = page("{{script}}", "{{data}}");
        assert!(page.contains("{{script}}") && page.contains("{{data}}"));
    }
}
