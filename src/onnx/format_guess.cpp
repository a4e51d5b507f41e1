#include "onnx/format_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/text.h"

namespace podium::onnx {

namespace {

struct Format {
  std::string_view start;
  std::size_t offset;
  std::string_view what;
  std::string_view remedy;
};

using namespace std::string_view_literals;

constexpr Format formats[] = {
    {"PK\x03\x04", 0, "a zip archive, such as PyTorch writes",
     "name it .pt2 where it is an exported program, or pass weights with --weights"},
    {"version https://git-lfs", 0, "the pointer that Git LFS leaves in the place of a large file",
     "fetch the file itself with 'git lfs pull'"},
    {"\x89HDF", 0, "an HDF5 file, such as Keras writes", "convert the model to ONNX first, with tf2onnx"},
    {"TFL3", 4, "a TensorFlow Lite model", "convert the model to ONNX first, with tf2onnx"},
    {"ORTM", 4, "a model in ONNX Runtime's own format", "give the .onnx file it was made from"},
    {"\x80\x02", 0, "a Python pickle, such as torch.save wrote", "export the model with torch.onnx.export, or pass weights with --weights"},
    {"\x80\x04", 0, "a Python pickle", "export the model with torch.onnx.export, or pass weights with --weights"},
    {"\x1f\x8b", 0, "a gzip archive", "unpack it with 'gunzip' first"},
    {"<!DOCTYPE", 0, "a web page, perhaps of a download that failed", "download the model again"},
    {"<!doctype", 0, "a web page, perhaps of a download that failed", "download the model again"},
    {"<html", 0, "a web page, perhaps of a download that failed", "download the model again"},
    {"<?xml", 0, "an XML file", "give an .onnx file; OpenVINO's .xml is not read"},
};

bool starts(const Format& format, std::string_view bytes) {
  return bytes.size() >= format.offset && bytes.substr(format.offset).starts_with(format.start);
}

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return (c >= ' ' && c != '\x7f') || c == '\n' || c == '\r' || c == '\t'; });
}

}  // namespace

Error not_onnx(std::string_view file_name, std::string_view first_bytes, std::string_view otherwise) {
  std::string_view what = is_text(first_bytes) ? "a text file"sv : ""sv;
  std::string_view remedy = "give the .onnx file itself; export or download it again where it is damaged";
  const auto* known =
      std::find_if(std::begin(formats), std::end(formats), [first_bytes](const Format& format) { return starts(format, first_bytes); });
  if (known != std::end(formats)) {
    what = known->what;
    remedy = known->remedy;
  }
  const std::string why = what.empty() ? std::string(otherwise) : fmt::format("it is {}", what);
  return {ErrorCode::bad_input, fmt::format("'{}' is not an ONNX model: {}", printable(file_name), why), std::string(remedy)};
}

}  // namespace podium::onnx
