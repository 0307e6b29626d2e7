//! What the window writes besides pipelines: tables as CSV, pictures as SVG and PNG. What takes a while to become bytes
//! becomes them where it is written, off the thread that draws.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{self, ColorImage};
use weir_engine::metrics::HistoryTable;

use super::Progress;
use crate::drawing::Drawing;
use crate::i18n::tr;

/// Something to write, and the name proposed for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// The name, without suffix.
    pub name: String,
    /// The content.
    pub content: Content,
}

/// What a file is to hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A table.
    Csv(Arc<HistoryTable>),
    /// A picture of vectors.
    Svg(Arc<str>),
    /// A picture of the window.
    Picture(Arc<ColorImage>),
    /// A picture still to be turned into pixels.
    Drawing(Arc<Drawing>),
}

impl Content {
    /// The suffix of such files, without the dot.
    pub fn extensions(&self) -> &'static [&'static str] {
        match self {
            Self::Csv(_) => &["csv"],
            Self::Svg(_) => &["svg"],
            Self::Picture(_) | Self::Drawing(_) => &["png"],
        }
    }

    /// Whether people call it a picture.
    pub fn is_picture(&self) -> bool {
        match self {
            Self::Csv(_) => false,
            Self::Svg(_) | Self::Picture(_) | Self::Drawing(_) => true,
        }
    }

    /// The file's bytes. The error is a sentence.
    pub fn bytes(&self, progress: &Progress) -> Result<Vec<u8>, String> {
        match self {
            Self::Csv(table) => {
                let text = table.to_csv(&mut |done, total| progress.tell(done, total));
                text.map(String::into_bytes).ok_or_else(|| tr("progress.cancelled").to_owned())
            }
            Self::Svg(text) => Ok(text.as_bytes().to_vec()),
            Self::Picture(picture) => png(picture),
            Self::Drawing(drawing) => drawing.png(progress),
        }
    }
}

impl Export {
    /// The proposed name with its suffix.
    pub fn file_name(&self) -> String {
        with_extension(Path::new(&self.name), &self.content).to_string_lossy().into_owned()
    }
}

/// The path with the content's suffix, if a person typed none.
pub(crate) fn with_extension(path: &Path, content: &Content) -> PathBuf {
    let Some(suffix) = content.extensions().first() else { return path.to_path_buf() };
    if path.extension().is_some() { path.to_path_buf() } else { path.with_extension(suffix) }
}

fn png(picture: &ColorImage) -> Result<Vec<u8>, String> {
    let pixels: Vec<u8> = picture.pixels.iter().flat_map(egui::Color32::to_array).collect();
    let [width, height] = picture.size.map(|side| u32::try_from(side).unwrap_or(0));
    let image = image::RgbaImage::from_raw(width, height, pixels).ok_or("the picture has no size")?;
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).map_err(|error| error.to_string())?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use eframe::egui::Color32;

    use super::*;

    #[test]
    fn a_picture_becomes_a_png_of_its_size() {
        let picture = ColorImage::filled([3, 2], Color32::WHITE);
        let bytes = Content::Picture(Arc::new(picture)).bytes(&Progress::default()).unwrap();
        let read = image::load_from_memory(&bytes).unwrap();
        assert_eq!((read.width(), read.height()), (3, 2));
    }

    #[test]
    fn a_name_without_suffix_gets_that_of_its_content() {
        let graph = Content::Svg("<svg/>".into());
        assert_eq!(with_extension(Path::new("/a/graph"), &graph), PathBuf::from("/a/graph.svg"));
        assert_eq!(with_extension(Path::new("/a/graph.txt"), &graph), PathBuf::from("/a/graph.txt"));
    }
}
