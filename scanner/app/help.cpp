#include "scanner/app/help.hpp"

#include <algorithm>
#include <charconv>

#include "scanner/support/text.hpp"
#include "scanner/walk/walk.hpp"

namespace gallra::app {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

// "help.detectors.explain" for a command of a command.
std::string key_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? "help" : key_of(*app.get_parent()) + "." + app.get_name();
}

// "threads" of "-t,--threads", "paths" of a positional.
std::string name_of(const CLI::Option& option) {
  return option.get_lnames().empty() ? option.get_name(true, false) : option.get_lnames().front();
}

// An empty value is a variable of a script that nobody set; one that begins with a hyphen is the
// next option, taken for the value that was forgotten.
CLI::Validator plausible(Lang lang, bool hyphen_allowed) {
  return {[=](std::string& value) -> std::string {
            if (value.empty()) return std::string(text(lang, "usage.empty"));
            if (hyphen_allowed || value.front() != '-') return "";
            return text(lang, "usage.hyphen", {printable(value)});
          },
          ""};
}

void describe_options(CLI::App& app, Lang lang) {
  for (CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) {
    if (option == app.get_help_ptr())
      option->description(std::string(text(lang, "help.help")));
    else
      option->description(std::string(text(lang, key_of(app) + "." + name_of(*option))));
    if (!option->get_positional()) option->group(std::string(text(lang, "help.options")));
    if (option->get_expected_max() == 0)
      option->disable_flag_override();  // --json=no
    else
      option->check(plausible(lang, option->get_positional()));
  }
}

// A command brings its examples as footer; the rest is the same for all.
std::string footer_of(const CLI::App& app, Lang lang) {
  const bool is_top = app.get_parent() == nullptr;
  std::string footer;
  if (!app.get_footer().empty())
    footer = std::string(text(lang, "help.examples")) + "\n" + app.get_footer() + "\n";
  footer += paragraph(lang, is_top ? "help.exit" : key_of(app) + ".exit");
  if (!is_top) footer += "\n" + std::string(text(lang, "help.more"));
  return footer;
}

// The deepest command that was named.
const CLI::App& named_command(const CLI::App& cli) {
  const auto named = cli.get_subcommands();
  return named.empty() ? cli : named_command(*named.back());
}

std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : full_name(*app.get_parent()) + " " + app.get_name();
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options([](const CLI::Option*) { return true; }))
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  if (app.get_parent() == nullptr) return names;
  const std::vector<std::string> outer = options_of(*app.get_parent());
  names.insert(names.end(), outer.begin(), outer.end());
  return names;
}

// Words left over that are no option, or else the first that is.
std::string first_stranger(const CLI::App& cli) {
  const std::vector<std::string> left = cli.remaining(true);
  const auto word = std::find_if(left.begin(), left.end(),
                                 [](const std::string& one) { return !one.starts_with('-'); });
  return word != left.end() ? *word : left.empty() ? "" : left.front();
}

std::string option_problem(const CLI::App& app, const std::string& word, Lang lang) {
  const std::string name = word.substr(0, word.find('='));
  return text(lang, "usage.option_unknown", {printable(name)}) +
         did_you_mean(lang, name, options_of(app));
}

std::string command_problem(const CLI::App& cli, const CLI::App& app, Lang lang) {
  const std::string word = first_stranger(cli);
  const std::vector<std::string> known = commands_of(app);
  if (word.empty()) return text(lang, "usage.no_command", {joined(known)});
  if (word.starts_with('-')) return option_problem(app, word, lang);
  return text(lang, "usage.command_unknown", {printable(word), joined(known)}) +
         did_you_mean(lang, word, known);
}

std::string left_over(const CLI::App& cli, const CLI::App& app, Lang lang) {
  for (const std::string& word : cli.remaining(true))
    if (word.starts_with('-') && word.size() > 1) return option_problem(app, word, lang);
  return text(lang, "usage.too_many", {printable(first_stranger(cli))});
}

std::string mismatch(const std::string& what, Lang lang) {
  const std::string name = what.substr(0, what.find_first_of(": "));
  if (what.find("disallowed") != std::string::npos)  // CLI11 drops the hyphens here
    return text(lang, "usage.flag_value", {"--" + name});
  const bool too_many = what.find("At Most") != std::string::npos;
  return text(lang, too_many ? "usage.repeated" : "usage.value_missing", {name});
}

std::string sentence_of(const CLI::App& cli, const CLI::App& app, const CLI::ParseError& error,
                        Lang lang) {
  const std::string what = error.what();
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return left_over(cli, app, lang);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return mismatch(what, lang);
  if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) return printable(what);
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    if (what.starts_with("A subcommand")) return command_problem(cli, app, lang);
    return text(lang, "usage.required", {what.substr(0, what.find(' '))});
  }
  return text(lang, "usage.other", {printable(what)});
}

}  // namespace

GlobalOptions peek(int argc, char** argv) {
  GlobalOptions found;
  auto take = [&](std::string_view name, std::string& value, int& at) {
    const std::string_view word = argv[at];
    if (word == name && at + 1 < argc)
      value = argv[++at];
    else if (name.starts_with("--") && word.starts_with(std::string(name) + "="))
      value = word.substr(name.size() + 1);
    else if (!name.starts_with("--") && word.starts_with(name) && word.size() > name.size())
      value = word.substr(name.size());
    else
      return false;
    return true;
  };
  for (int at = 1; at < argc && std::string_view(argv[at]) != "--"; ++at)
    if (!take("--lang", found.lang, at) && !take("--config", found.config, at))
      (void)take("-c", found.config, at);
  return found;
}

void describe(CLI::App& app, Lang lang) {
  if (app.get_parent() == nullptr) {
    const auto formatter = app.get_formatter();
    for (const char* label : {"Usage", "Positionals", "OPTIONS", "SUBCOMMAND", "REQUIRED", "UINT"})
      formatter->label(label, std::string(text(lang, std::string("help.label.") + label)));
  }
  app.description(paragraph(lang, key_of(app)));
  app.footer(footer_of(app, lang));
  describe_options(app, lang);
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    command->group(std::string(text(lang, "help.commands")));
    command->formatter(app.get_formatter());
    describe(*command, lang);
  }
}

std::string usage_problem(const CLI::App& cli, const CLI::ParseError& error, Lang lang) {
  const CLI::App& app = named_command(cli);
  return sentence_of(cli, app, error, lang) + "\n" +
         text(lang, "usage.see", {full_name(app) + " --help"});
}

CLI::Validator pattern(Lang lang) {
  return {[lang](std::string& value) {
            if (walk::Filter::compile({value})) return std::string();
            return text(lang, "settings.pattern", {printable(value)});
          },
          ""};
}

CLI::Validator one_of(Lang lang, std::vector<std::string> words) {
  const std::string allowed = joined(words);
  return {[lang, allowed, words = std::move(words)](std::string& value) {
            if (std::find(words.begin(), words.end(), value) != words.end()) return std::string();
            return text(lang, "usage.one_of", {printable(value), allowed});
          },
          ""};
}

CLI::Validator whole_number(Lang lang, unsigned least, unsigned most) {
  return {[=](std::string& value) {
            unsigned number = 0;
            const char* end = value.data() + value.size();
            const auto read = std::from_chars(value.data(), end, number);
            if (read.ec == std::errc() && read.ptr == end && number >= least && number <= most)
              return std::string();
            return text(lang, "usage.whole_number",
                        {printable(value), std::to_string(least), std::to_string(most)});
          },
          ""};
}

}  // namespace gallra::app
