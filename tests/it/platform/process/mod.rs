//! The program itself: started, stopped, killed, and set up wrongly.

mod settings;
mod starts;
mod stops;
mod writes;
