#include "scanner/model/provenance.hpp"

namespace gallra {
namespace {

void append_escaped(std::string& out, std::string_view step) {
  for (char c : step) {
    if (c == '!')
      out += "%21";
    else if (c == '%')
      out += "%25";
    else
      out += c;
  }
}

std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '!') return std::nullopt;
    if (text[i] != '%') {
      out += text[i];
    } else if (text.substr(i, 3) == "%21") {
      out += '!';
      i += 2;
    } else if (text.substr(i, 3) == "%25") {
      out += '%';
      i += 2;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace

std::string Provenance::str() const {
  std::string out;
  append_escaped(out, path);
  for (const std::string& step : inner) {
    out += "!/";
    append_escaped(out, step);
  }
  return out;
}

std::optional<Provenance> Provenance::parse(std::string_view text) {
  Provenance result;
  bool first = true;
  for (;;) {
    const std::size_t cut = text.find("!/");
    auto step = unescape(text.substr(0, cut));
    if (!step) return std::nullopt;
    if (first)
      result.path = *std::move(step);
    else
      result.inner.push_back(*std::move(step));
    first = false;
    if (cut == std::string_view::npos) return result;
    text.remove_prefix(cut + 2);
  }
}

}  // namespace gallra
