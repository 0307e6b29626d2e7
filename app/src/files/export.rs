//! What the window writes besides pipelines: tables as CSV, pictures as PNG.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{self, ColorImage};

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
    Csv(Arc<str>),
    /// A picture; it is packed where it is written, off the thread that draws.
    Picture(Arc<ColorImage>),
}

impl Content {
    /// The suffix of such files, without the dot.
    pub fn extensions(&self) -> &'static [&'static str] {
        match self {
            Self::Csv(_) => &["csv"],
            Self::Picture(_) => &["png"],
        }
    }

    /// The file's bytes. The error is a sentence.
    pub fn bytes(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::Csv(text) => Ok(text.as_bytes().to_vec()),
            Self::Picture(picture) => png(picture),
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
        let bytes = Content::Picture(Arc::new(picture)).bytes().unwrap();
        let read = image::load_from_memory(&bytes).unwrap();
        assert_eq!((read.width(), read.height()), (3, 2));
    }

    #[test]
    fn a_name_without_suffix_gets_that_of_its_content() {
        let table = Content::Csv("a,b".into());
        assert_eq!(with_extension(Path::new("/a/plots"), &table), PathBuf::from("/a/plots.csv"));
        assert_eq!(with_extension(Path::new("/a/plots.txt"), &table), PathBuf::from("/a/plots.txt"));
    }
}
