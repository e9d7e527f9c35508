#include "scanner/extract/mail/headers.hpp"

#include <set>

#include "scanner/extract/text_writer.hpp"

namespace gallra::extract::mail {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool is_noise_header(std::string_view name) {
  static const std::set<std::string, std::less<>> kNames = {"arc-authentication-results",
                                                            "arc-message-signature",
                                                            "arc-seal",
                                                            "authentication-results",
                                                            "autocrypt",
                                                            "content-length",
                                                            "content-transfer-encoding",
                                                            "content-type",
                                                            "dkim-signature",
                                                            "domainkey-signature",
                                                            "face",
                                                            "in-reply-to",
                                                            "lines",
                                                            "message-id",
                                                            "mime-version",
                                                            "received",
                                                            "received-spf",
                                                            "references",
                                                            "status",
                                                            "thread-index",
                                                            "x-face",
                                                            "x-forefront-antispam-report",
                                                            "x-gm-message-state",
                                                            "x-google-dkim-signature",
                                                            "x-google-smtp-source",
                                                            "x-microsoft-antispam",
                                                            "x-microsoft-antispam-message-info",
                                                            "x-mozilla-keys",
                                                            "x-mozilla-status",
                                                            "x-mozilla-status2",
                                                            "x-status",
                                                            "x-uid",
                                                            "x-uidl"};
  const std::string key = lower(name);
  return kNames.contains(key) || key.starts_with("x-ms-exchange-") ||
         key.starts_with("x-exchange-antispam-");
}

std::string header_label(std::string_view name) {
  std::string label = lower(valid_utf8(name.substr(0, 100)));
  bool start = true;
  for (char& c : label) {
    if (start && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    start = c == '-';
  }
  return label;
}

std::size_t header_name_length(std::string_view line) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_name = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  if (line.empty() || !is_letter(line.front())) return 0;
  std::size_t at = 0;
  while (at < line.size() && is_name(line[at])) ++at;
  return at < line.size() && line[at] == ':' ? at : 0;
}

std::string receiver_of(std::string_view received) {
  constexpr std::string_view kFor = " for ";
  const std::size_t at = lower(received).find(kFor);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kFor.size();
  const std::size_t end = received.find_first_of(" \t\r\n;", begin);
  const std::string_view receiver =
      received.substr(begin, end == std::string_view::npos ? end : end - begin);
  return receiver.find('@') == std::string_view::npos ? std::string() : std::string(receiver);
}

}  // namespace gallra::extract::mail
