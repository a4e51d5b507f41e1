#include "completion/complete.h"

#include <algorithm>
#include <vector>

#include <CLI/CLI.hpp>

#include "completion/value_kinds.h"
#include "reference/command_facts.h"

namespace cli {
namespace {

struct Answer {
  bool wants_files = false;
  std::vector<Suggestion> words;
};

/// Where in the grammar the cursor stands.
struct Place {
  const CLI::App* command = nullptr;  ///< nothing where the words before make none
  const CLI::Option* flag = nullptr;  ///< whose value is awaited
  std::size_t positionals = 0;        ///< that stand before
  bool flags_are_over = false;        ///< behind "--"
};

const CLI::Option* find_flag(const CLI::App& command, const std::string& name) {
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* flag : flags_of(*app)) {
      const auto names = names_of(*flag);
      if (std::find(names.begin(), names.end(), name) != names.end()) return flag;
    }
  }
  return nullptr;
}

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : commands_of(app)) {
    if (command->get_name() == name) return command;
  }
  return nullptr;
}

void step(Place& place, const std::string& word) {
  if (place.flag != nullptr) {
    place.flag = nullptr;  // this is its value
  } else if (word == "--") {
    place.flags_are_over = true;
  } else if (word.starts_with('-') && !place.flags_are_over) {
    const CLI::Option* flag = find_flag(*place.command, word);
    if (flag != nullptr && takes_value(*flag)) place.flag = flag;
  } else if (place.command->get_parent() == nullptr) {
    place.command = find_command(*place.command, word);
  } else {
    ++place.positionals;
  }
}

/// Words for a value of which `typed` stands there already; of a list, only its last part is completed.
Answer complete_value(const CLI::App& app, const CLI::Option& option, const std::string& typed) {
  const ValueKind kind = kind_of(option);
  const std::size_t begin = kind.is_list && typed.find(',') != std::string::npos ? typed.rfind(',') + 1 : 0;
  const std::string before = typed.substr(0, begin);
  const std::string last = typed.substr(begin);
  Answer answer{kind.is_file, {}};
  if (kind.is_file && typed.empty()) return answer;  // a file is what most will give
  for (Suggestion& word : std::vector<Suggestion>(words_of(option, app, last))) {
    const bool is_there = ("," + before).find("," + word.text + ",") != std::string::npos;
    if (word.text.starts_with(last) && !is_there) answer.words.push_back({before + word.text, std::move(word.help)});
  }
  return answer;
}

Answer complete_flag(const CLI::App& command, const std::string& typed) {
  Answer answer;
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* flag : flags_of(*app)) {
      for (const std::string& name : names_of(*flag)) {
        const auto is_same = [&](const Suggestion& other) { return other.text == name; };  // every command has --help
        if (name.starts_with(typed) && std::none_of(answer.words.begin(), answer.words.end(), is_same))
          answer.words.push_back({name, help_of(*flag)});
      }
    }
  }
  return answer;
}

/// "--precisions=fp32,b"
Answer complete_flag_with_value(const CLI::App& app, const CLI::App& command, const std::string& typed) {
  const std::size_t begin = typed.find('=') + 1;
  const CLI::Option* flag = find_flag(command, typed.substr(0, begin - 1));
  if (flag == nullptr || !takes_value(*flag)) return {};
  Answer answer = complete_value(app, *flag, typed.substr(begin));
  for (Suggestion& word : answer.words) word.text.insert(0, typed, 0, begin);
  return answer;
}

Answer complete_command(const CLI::App& app, const std::string& typed) {
  Answer answer;
  for (const CLI::App* command : commands_of(app)) {
    if (command->get_name().starts_with(typed)) answer.words.push_back({command->get_name(), command->get_description()});
  }
  return answer;
}

Answer complete_at(const CLI::App& app, const Place& place, const std::string& typed) {
  if (place.flag != nullptr) return complete_value(app, *place.flag, typed);
  if (typed.starts_with('-') && !place.flags_are_over) {
    return typed.find('=') == std::string::npos ? complete_flag(*place.command, typed)
                                                : complete_flag_with_value(app, *place.command, typed);
  }
  if (place.command->get_parent() == nullptr) return complete_command(*place.command, typed);
  const auto positionals = positionals_of(*place.command);
  if (place.positionals < positionals.size()) return complete_value(app, *positionals[place.positionals], typed);
  const bool goes_on = !positionals.empty() && takes_many(*positionals.back());
  return goes_on ? complete_value(app, *positionals.back(), typed) : Answer{};
}

}  // namespace

std::string complete(const CLI::App& app, std::span<const std::string> words) {
  Place place{&app};
  for (std::size_t i = 0; i + 1 < words.size() && place.command != nullptr; ++i) step(place, words[i]);
  Answer answer;
  if (place.command != nullptr) answer = complete_at(app, place, words.empty() ? "" : words.back());
  std::string text = answer.wants_files ? "files\n" : "words\n";
  for (const Suggestion& word : answer.words) text += word.text + "\t" + word.help + "\n";
  return text;
}

}  // namespace cli
