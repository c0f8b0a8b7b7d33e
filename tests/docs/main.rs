//! What is said of the program, and how it is built: the guides, the workflows,
//! and the order in which its parts use one another.

mod guides;
mod layers;
mod release;
mod schema;
mod workflows;
