#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "report/json_writer.h"

namespace podium::report {

/// Text for an element or a quoted attribute: printable, and nothing in it is markup.
[[nodiscard]] std::string html_text(std::string_view text);
/// A name from a model or an engine, in an element of its own as to the direction of writing: it cannot turn around what stands behind it.
[[nodiscard]] std::string html_name(std::string_view name);
/// JSON for a <script>: nothing in it can end the script.
[[nodiscard]] std::string script_json(const Json& value);
/// A template with the text of each {{slot}} in its place. One pass: what is put in is not looked through for slots.
[[nodiscard]] std::string filled(std::string_view page, const std::map<std::string_view, std::string>& slots);
/// A command as a shell takes it, quoted where it must be.
[[nodiscard]] std::string shell_line(const std::vector<std::string>& command);
/// A Content-Security-Policy that loads nothing from anywhere and runs none but these scripts.
[[nodiscard]] std::string content_policy(const std::vector<std::string_view>& scripts);

}  // namespace podium::report
