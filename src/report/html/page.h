#pragma once

#include <string>

#include "report/json_writer.h"

namespace podium::report {

/// What differs from page to page. `sections` is HTML; the rest is text.
struct Page {
  std::string title;
  std::string heading;
  std::string facts;
  std::string sections;
  std::string footer;
  Json data;  ///< of page.js: cells, charts, and what the charts are drawn from
};

/// A file's name without its folders; they stand below.
[[nodiscard]] std::string last_part(const std::string& name);
/// The whole file: nothing in it refers to anything outside it.
[[nodiscard]] std::string whole_page(const Page& page);

}  // namespace podium::report
