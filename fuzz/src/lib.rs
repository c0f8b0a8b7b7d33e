//! What the targets share with the tests: how modules are made, and what must
//! hold of what is made of them.

#[path = "../../tests/modules/graft.rs"]
pub mod graft;
#[path = "../../tests/modules/properties.rs"]
pub mod properties;
#[path = "../../tests/modules/smith.rs"]
pub mod smith;
