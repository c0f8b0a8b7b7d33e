use super::program;
use crate::interpret::{End, Limits, run_apart};
use crate::print::print;

#[test]
fn a_seed_gives_the_same_program_each_time() {
    let one = print(&program(1, None)).unwrap();
    assert_eq!(one, print(&program(1, None)).unwrap());
    assert_ne!(one, print(&program(2, None)).unwrap());
}

#[test]
fn most_programs_come_to_something_that_is_known() {
    let known = (0..300).filter(|seed| {
        let program = program(*seed, None);
        print(&program).expect("what is referred to is in scope");
        let run = run_apart(&[&program], &[7], Limits::default()).unwrap();
        if let End::Discarded(why) = &run.end {
            eprintln!("{seed}: {why}");
        }
        !matches!(run.end, End::Discarded(_))
    });
    let known = known.count();
    assert!(known > 240, "{known}");
}
