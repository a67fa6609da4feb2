//! stub
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[arg(long)]
    pub(super) json: bool,
}
pub(super) fn list(_: &Arguments) -> Result<(), super::failure::Failure> {
    Ok(())
}
