//! The program itself: started, stopped, killed, and misconfigured.

mod settings;
mod starts;
mod stops;
mod writes;
