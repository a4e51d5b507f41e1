#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "podium/version.h"
#include "reference/command_facts.h"
#include "reference/pages.h"

namespace cli {
namespace {

/// The code point that begins at `position`, which moves behind it. Help texts are UTF-8.
char32_t next_code_point(std::string_view text, std::size_t& position) {
  const auto lead = static_cast<unsigned char>(text[position++]);
  const int more = lead >= 0xF0U ? 3 : lead >= 0xE0U ? 2 : lead >= 0xC0U ? 1 : 0;
  char32_t code = more == 0 ? lead : lead & (0x3FU >> more);
  for (int i = 0; i < more && position < text.size(); ++i) code = (code << 6U) | (static_cast<unsigned char>(text[position++]) & 0x3FU);
  return code;
}

/// roff would set these as typographic characters, or take them for its own commands; what is copied must be what is typed.
std::string_view escape_of(char32_t code) {
  switch (code) {
    case U'\\':
      return "\\[rs]";
    case U'-':
      return "\\-";
    case U'\'':
      return "\\[aq]";
    case U'`':
      return "\\[ga]";
    case U'^':
      return "\\[ha]";
    case U'~':
      return "\\[ti]";
    case U'"':
      return "\\[dq]";
    default:
      return {};
  }
}

std::string roff(std::string_view text) {
  std::string escaped;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t code = next_code_point(text, position);
    if (const std::string_view known = escape_of(code); !known.empty())
      escaped += known;
    else if (code >= 0x80U)
      escaped += fmt::format("\\[u{:04X}]", static_cast<std::uint32_t>(code));
    else
      escaped += static_cast<char>(code);
  }
  // A line that begins with a dot is a command.
  return escaped.starts_with('.') ? "\\&" + escaped : escaped;
}

std::string page_name_of(const CLI::App& command) {
  std::string name = full_name_of(command);
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string section(const std::string& heading) {
  return fmt::format(".SH {}\n", upper(heading));
}

std::string entry(const std::string& term, const std::string& text) {
  return fmt::format(".TP\n{}\n{}\n", term, roff(text));
}

std::string options_of(const CLI::App& command) {
  std::string text;
  for (const CLI::Option* flag : flags_of(command)) {
    std::string term;
    for (const std::string& name : names_of(*flag)) term += fmt::format("{}\\fB{}\\fR", term.empty() ? "" : ", ", roff(name));
    if (const std::string value = value_name_of(*flag); !value.empty()) term += fmt::format(" \\fI{}\\fR", roff(value));
    text += entry(term, help_of(*flag));
  }
  return text;
}

/// "html      one page with charts": a term and what is said of it.
struct Term {
  std::string name, text;
};

std::optional<Term> term_in(const std::string& line) {
  const std::size_t gap = line.find("  ");
  const std::size_t text = gap == std::string::npos ? gap : line.find_first_not_of(' ', gap);
  if (gap == 0 || text == std::string::npos) return std::nullopt;
  return Term{line.substr(0, gap), line.substr(text)};
}

/// A list of terms is set as one, to be broken to the terminal's width; empty where it is none.
std::string terms_of(const Paragraph& paragraph) {
  std::string text;
  for (const std::string& line : paragraph.lines) {
    const std::optional<Term> term = term_in(line);
    if (!term) return {};
    text += entry(fmt::format("\\fB{}\\fR", roff(term->name)), term->text);
  }
  return text;
}

std::string body_of(const Paragraph& paragraph) {
  if (const std::string terms = terms_of(paragraph); !terms.empty()) return terms;
  std::string text;
  for (const std::string& line : paragraph.lines) text += roff(line) + "\n";
  return paragraph.is_verbatim ? ".nf\n" + text + ".fi\n" : text;
}

std::string paragraphs(const CLI::App& command, bool with_heading) {
  std::string text;
  for (const Paragraph& paragraph : paragraphs_of(command)) {
    if (paragraph.heading.empty() == with_heading) continue;
    text += with_heading ? section(paragraph.heading) : ".PP\n";
    text += body_of(paragraph);
  }
  return text;
}

std::string description_of(const CLI::App& command) {
  const std::string text = command.get_description();
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

std::string see_also(const CLI::App& command) {
  std::string text;
  const auto add = [&text](const CLI::App& other) {
    text += fmt::format("{}.BR {} (1)", text.empty() ? "" : ",\n", roff(page_name_of(other)));
  };
  if (command.get_parent() != nullptr) add(*command.get_parent());
  for (const CLI::App* other : commands_of(command)) add(*other);
  return text + "\n";
}

}  // namespace

std::string to_man_page(const CLI::App& command) {
  std::string page =
      fmt::format(".\\\" Made from the program's own help: podium help --format man\n.TH {} 1 \"\" \"podium {}\" \"Podium\"\n.nh\n.ad l\n",
                  roff(upper(page_name_of(command))), roff(podium::version()));
  page += section("Name") + fmt::format("{} \\- {}\n", roff(page_name_of(command)), roff(description_of(command)));
  page += section("Synopsis") + fmt::format("\\fB{}\\fR {}\n", roff(full_name_of(command)), roff(usage_of(command)));
  page += section("Description") + roff(command.get_description()) + "\n" + paragraphs(command, false);
  if (const auto arguments = positionals_of(command); !arguments.empty()) {
    page += section("Arguments");
    for (const CLI::Option* argument : arguments)
      page += entry(fmt::format("\\fI{}\\fR", roff(value_name_of(*argument))), help_of(*argument));
  }
  if (const auto commands = commands_of(command); !commands.empty()) {
    page += section("Commands");
    for (const CLI::App* other : commands) page += entry(fmt::format("\\fB{}\\fR", roff(other->get_name())), other->get_description());
  }
  page += section("Options") + options_of(command) + paragraphs(command, true);
  return page + section("See also") + see_also(command);
}

}  // namespace cli
