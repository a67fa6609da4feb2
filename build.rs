//! Rebuilds the program when a shipped config or profile comes or goes: the macro that embeds them sees changes only.

fn main() {
    println!("cargo:rerun-if-changed=configs");
    println!("cargo:rerun-if-changed=agents");
}
