use super::program;
use crate::interpret::{self, End, Limits};
use crate::print::print;

#[test]
fn a_seed_is_a_program_for_ever() {
    let one = print(&program(1, None)).unwrap();
    assert_eq!(one, print(&program(1, None)).unwrap());
    assert_ne!(one, print(&program(2, None)).unwrap());
}

#[test]
fn most_programs_come_to_something_that_is_known() {
    let known = || {
        let known = (0..300).filter(|seed| {
            let program = program(*seed, None);
            print(&program).expect("what is referred to is in scope");
            let run = interpret::run(&[&program], &[7], Limits::default());
            if let End::Discarded(why) = &run.end {
                eprintln!("{seed}: {why}");
            }
            !matches!(run.end, End::Discarded(_))
        });
        known.count()
    };
    let thread = std::thread::Builder::new().stack_size(interpret::STACK);
    let known = thread.spawn(known).unwrap().join().unwrap();
    assert!(known > 240, "{known}");
}
