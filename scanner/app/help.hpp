// What the command line says about itself, from the catalogue: help texts (help.COMMAND,
// help.COMMAND.OPTION) and what is wrong with a call.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "scanner/app/settings.hpp"

namespace gallra::app {

// The options that must be known before the rest can be told in the right language.
GlobalOptions peek(int argc, char** argv);

// Gives every command and option its text. Call when all of them are there.
void describe(CLI::App& cli, Lang lang);

// One sentence on what is wrong with the call, and where to read on.
std::string usage_problem(const CLI::App& cli, const CLI::ParseError& error, Lang lang);

// Checks for options: a pattern as in .gitignore; one of a few words; a whole number from `least`
// to `most`.
CLI::Validator pattern(Lang lang);
CLI::Validator one_of(Lang lang, std::vector<std::string> words);
CLI::Validator whole_number(Lang lang, unsigned least, unsigned most);

}  // namespace gallra::app
