// E-mail address: local@domain.tld as people write it, åäö allowed (RFC 6531), also with "(at)" and
// the like for the sign. Lower case is canonical. Addresses of functions (info@, registrator@) are
// nobody's own: low. Refused: Outlook's inline-image ids, Message-IDs, git@host, "@2x.png", unit
// names. Sources: RFC 5321 section 4.5.3.1 (lengths), RFC 5322 section 3.4.1, RFC 6531.
#include <algorithm>
#include <array>
#include <string>

#include "detectors/judge/fold.hpp"
#include "detectors/validators/validator.hpp"

namespace gallra::detect {
namespace {

constexpr std::size_t kMaxLocal = 64;    // RFC 5321 section 4.5.3.1.1
constexpr std::size_t kMaxDomain = 255;  // section 4.5.3.1.2
constexpr int kPersonScore = 90;         // forename.surname@
constexpr int kPlainScore = 80;
constexpr int kObfuscatedScore = 65;
constexpr int kFunctionScore = 20;

// What may stand after the last dot of things that look like addresses and are none: file endings
// and systemd unit types.
constexpr std::array<std::string_view, 36> kNoDomain = {
    "png",  "jpg",  "jpeg",  "gif",     "svg",    "webp",   "bmp",   "tif",   "tiff",
    "ico",  "pdf",  "doc",   "docx",    "xls",    "xlsx",   "ppt",   "pptx",  "txt",
    "html", "htm",  "css",   "js",      "json",   "xml",    "csv",   "exe",   "dll",
    "php",  "java", "class", "service", "socket", "target", "timer", "mount", "slice"};

// Words that name a function, not a person; compared with each part of the local part.
constexpr std::array<std::string_view, 114> kFunctions = {"info",
                                                          "information",
                                                          "kontakt",
                                                          "contact",
                                                          "registrator",
                                                          "registrering",
                                                          "kundtjanst",
                                                          "kundtjänst",
                                                          "kundservice",
                                                          "kundcenter",
                                                          "kontaktcenter",
                                                          "noreply",
                                                          "donotreply",
                                                          "nobody",
                                                          "postmaster",
                                                          "hostmaster",
                                                          "webmaster",
                                                          "abuse",
                                                          "faktura",
                                                          "fakturor",
                                                          "invoice",
                                                          "ekonomi",
                                                          "economy",
                                                          "finance",
                                                          "lon",
                                                          "lön",
                                                          "loner",
                                                          "hr",
                                                          "personal",
                                                          "rekrytering",
                                                          "jobb",
                                                          "jobs",
                                                          "career",
                                                          "dataskyddsombud",
                                                          "dataskydd",
                                                          "dso",
                                                          "dpo",
                                                          "gdpr",
                                                          "privacy",
                                                          "integritet",
                                                          "support",
                                                          "helpdesk",
                                                          "servicedesk",
                                                          "service",
                                                          "it",
                                                          "itsupport",
                                                          "admin",
                                                          "administrator",
                                                          "administration",
                                                          "root",
                                                          "system",
                                                          "security",
                                                          "sakerhet",
                                                          "säkerhet",
                                                          "reception",
                                                          "receptionen",
                                                          "vaxel",
                                                          "växel",
                                                          "bokning",
                                                          "bokningen",
                                                          "booking",
                                                          "order",
                                                          "orders",
                                                          "bestallning",
                                                          "beställning",
                                                          "sales",
                                                          "salj",
                                                          "sälj",
                                                          "forsaljning",
                                                          "försäljning",
                                                          "marknad",
                                                          "marketing",
                                                          "press",
                                                          "media",
                                                          "redaktion",
                                                          "redaktionen",
                                                          "nyhetsbrev",
                                                          "newsletter",
                                                          "news",
                                                          "styrelsen",
                                                          "styrelse",
                                                          "kansli",
                                                          "kansliet",
                                                          "expedition",
                                                          "expeditionen",
                                                          "kommun",
                                                          "kommunen",
                                                          "kommunstyrelsen",
                                                          "socialtjanst",
                                                          "socialtjänst",
                                                          "socialtjansten",
                                                          "socialtjänsten",
                                                          "socialnamnden",
                                                          "socialnämnden",
                                                          "hemtjanst",
                                                          "hemtjänst",
                                                          "hemtjansten",
                                                          "hemtjänsten",
                                                          "vardcentral",
                                                          "vårdcentral",
                                                          "vardcentralen",
                                                          "vårdcentralen",
                                                          "mottagning",
                                                          "mottagningen",
                                                          "medlem",
                                                          "medlemsservice",
                                                          "office",
                                                          "hello",
                                                          "hej",
                                                          "mail",
                                                          "epost",
                                                          "mailer-daemon",
                                                          "no-reply",
                                                          "myndighetsbrevlada"};

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c); }
bool is_local(char c) {
  return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80 || c == '.' || c == '_' || c == '+' ||
         c == '-' || c == '%' || c == '\'' || c == '&';
}
bool is_label_char(char c) { return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80; }

// Where the local part that ends at `end` begins; `end` when there is none. Typographic quotes and
// other signs of three bytes are no letters.
std::size_t local_begin(const Scene& scene, std::size_t end) {
  std::size_t at = end;
  while (at > scene.begin && end - at <= kMaxLocal && is_local(scene.text[at - 1])) {
    const auto c = static_cast<unsigned char>(scene.text[at - 1]);
    if (c >= 0x80) {
      // Only letters of two bytes (U+00C0-024F) belong to an address.
      if (at < scene.begin + 2) break;
      const auto lead = static_cast<unsigned char>(scene.text[at - 2]);
      if (lead < 0xC3 || lead > 0xC9) break;
      at -= 2;
      continue;
    }
    --at;
  }
  while (at < end && (scene.text[at] == '.' || scene.text[at] == '-' || scene.text[at] == '\'' ||
                      scene.text[at] == '&' || scene.text[at] == '+' || scene.text[at] == '%'))
    ++at;
  return at;
}

bool is_top_domain(std::string_view label) {
  if (label.starts_with("xn--")) return label.size() > 6;
  return label.size() >= 2 && label.size() <= 24 &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

// Where the domain that begins at `begin` ends; `begin` when it is none.
std::size_t domain_end(const Scene& scene, std::size_t begin) {
  std::size_t good = begin;  // end of the longest prefix that is a domain
  std::size_t label = begin;
  std::size_t labels = 0;
  bool good_top = false;
  for (std::size_t at = begin; at <= scene.end && at - begin <= kMaxDomain; ++at) {
    const char c = at < scene.end ? scene.text[at] : ' ';
    if (is_label_char(c) || c == '-') continue;
    if (at == label) break;
    const std::string_view word = scene.text.substr(label, at - label);
    // "anna@exempel.se.Nästa mening": a capital after a whole address begins a sentence.
    if (good_top && is_capital(word.front()) && !is_capital(scene.text[begin])) break;
    ++labels;
    good_top = labels >= 2 && is_top_domain(word);
    if (good_top) good = at;
    if (c != '.') break;
    label = at + 1;
  }
  return good;
}

bool precedes(const Scene& scene, std::size_t at, std::string_view word) {
  return at >= scene.begin + word.size() &&
         scene.text.substr(at - word.size(), word.size()) == word;
}

// Ids of messages and of parts of them have the form of an address.
bool is_message_id(const Scene& scene, std::size_t begin, std::string_view local,
                   std::string_view domain) {
  const std::string header = folded(scene.header);
  if (header == "message-id" || header == "content-id" ||
      header == "x-ms-exchange-organization-network-message-id")
    return true;
  if (precedes(scene, begin, "cid:")) return true;
  // "References: anna@example.se" is a line of an application.
  if (!precedes(scene, begin, "<")) return false;
  if (header == "in-reply-to" || header == "references") return true;
  const std::size_t from = begin - scene.begin > 120 ? begin - 120 : scene.begin;
  std::string_view before = scene.text.substr(from, begin - from);
  if (const std::size_t newline = before.rfind('\n'); newline != std::string_view::npos)
    before.remove_prefix(newline + 1);
  const std::string low = folded(before);
  for (const std::string_view name : {"message-id:", "in-reply-to:", "references:", "content-id:"})
    if (low.find(name) != std::string::npos) return true;
  const auto digits = std::count_if(local.begin(), local.end(), is_digit);
  return (local.size() >= 24 && digits >= 6) || domain.find("mail.gmail.com") != domain.npos ||
         domain.find("prod.outlook.com") != domain.npos || local.find("JavaMail") != local.npos;
}

bool is_function(std::string_view local, std::string_view domain) {
  const std::string_view host = domain.substr(0, domain.rfind('.'));
  const std::string_view name = host.substr(host.rfind('.') == host.npos ? 0 : host.rfind('.') + 1);
  if (local == name || one_of(local, kFunctions)) return true;
  for (std::size_t at = 0; at <= local.size();) {
    const std::size_t end = std::min(local.find_first_of("._-+", at), local.size());
    if (one_of(local.substr(at, end - at), kFunctions)) return true;
    at = end + 1;
  }
  return false;
}

// Two or three words of letters: forename.surname.
bool is_person(std::string_view local) {
  std::size_t words = 0;
  for (std::size_t at = 0; at <= local.size();) {
    const std::size_t end = std::min(local.find_first_of("._", at), local.size());
    const std::string_view word = local.substr(at, end - at);
    const bool letters = word.size() >= 2 && std::all_of(word.begin(), word.end(), [](char c) {
                           return is_letter(c) || c == '-';
                         });
    if (!letters) return false;
    ++words;
    at = end + 1;
  }
  return words == 2 || words == 3;
}

void judge(const Scene& scene, Reading& reading, std::string_view local, std::string_view domain) {
  const std::size_t dot = domain.rfind('.');
  if (one_of(std::string_view(domain).substr(dot + 1), kNoDomain) || local == "git") return;
  for (const std::string_view ending : {".png", ".jpg", ".jpeg", ".gif", ".emz", ".wmz"})
    if (local.ends_with(ending)) return;
  // "https://user:secret@host.se", "ssh://anna@host.se"
  if (precedes(scene, reading.begin, "://")) return;
  if (precedes(scene, reading.begin, ":")) {
    const std::size_t from = reading.begin - scene.begin > 80 ? reading.begin - 80 : scene.begin;
    const std::string_view before = scene.text.substr(from, reading.begin - from);
    const std::size_t scheme = before.rfind("://");
    if (scheme != before.npos && before.find_first_of(" \n\t\"'<", scheme) == before.npos) return;
  }
  if (is_message_id(scene, reading.begin, local, domain)) return;
  reading.valid = true;
  reading.signals.add(Signal::kOwnForm);
  if (is_function(local, domain)) {
    reading.signals.add(Signal::kFunctionAddress);
    reading.score = kFunctionScore;
    return;
  }
  reading.person = true;
  reading.score = kPlainScore;
  if (is_person(local)) {
    reading.signals.add(Signal::kPersonAddress);
    reading.score = kPersonScore;
  }
  if (reading.signals.has(Signal::kObfuscated))
    reading.score = std::min(reading.score, kObfuscatedScore);
}

void finish(const Scene& scene, Reading reading, std::string_view local, std::string_view domain,
            std::vector<Reading>& out) {
  reading.value = folded(std::string(local) + "@" + std::string(domain));
  const std::size_t at = reading.value.find('@');
  reading.invalid = Invalid::kComponent;
  judge(scene, reading, std::string_view(reading.value).substr(0, at),
        std::string_view(reading.value).substr(at + 1));
  out.push_back(std::move(reading));
}

// `at` is the sign.
void locate_plain(const Scene& scene, std::size_t at, std::vector<Reading>& out) {
  Reading reading;
  reading.begin = local_begin(scene, at);
  reading.end = domain_end(scene, at + 1);
  const std::string_view local = scene.text.substr(reading.begin, at - reading.begin);
  if (local.empty() || local.size() > kMaxLocal || local.back() == '.' || reading.end <= at + 1 ||
      local.find("..") != local.npos)
    return;
  finish(scene, reading, local, scene.text.substr(at + 1, reading.end - at - 1), out);
}

std::size_t skip_spaces(const Scene& scene, std::size_t at) {
  while (at < scene.end && scene.text[at] == ' ') ++at;
  return at;
}

// "anna.exempel (at) exempel (punkt) se": `from`..`to` is the sign in disguise.
void locate_disguised(const Scene& scene, std::size_t from, std::size_t to,
                      std::vector<Reading>& out) {
  std::size_t end = from;
  while (end > scene.begin && scene.text[end - 1] == ' ' && from - end < 2) --end;
  Reading reading;
  reading.begin = local_begin(scene, end);
  reading.signals.add(Signal::kObfuscated);
  if (reading.begin >= end || scene.text[end - 1] == '.') return;
  std::size_t at = skip_spaces(scene, to);
  std::string domain;
  std::size_t labels = 0;
  while (at < scene.end && domain.size() <= kMaxDomain) {
    std::size_t stop = at;
    while (stop < scene.end && (is_label_char(scene.text[stop]) || scene.text[stop] == '-')) ++stop;
    if (stop == at) break;
    domain += scene.text.substr(at, stop - at);
    reading.end = at = stop;
    ++labels;
    if (at + 1 < scene.end && scene.text[at] == '.' && is_label_char(scene.text[at + 1])) {
      domain += '.';
      ++at;
      continue;
    }
    const std::size_t sign = skip_spaces(scene, at);
    bool dotted = false;
    for (const std::string_view dot : {"(dot)", "[dot]", "(punkt)", "[punkt]", "(.)", "[.]"}) {
      if (folded(scene.text.substr(sign, dot.size())) != dot) continue;
      domain += '.';
      at = skip_spaces(scene, sign + dot.size());
      dotted = true;
      break;
    }
    if (!dotted) break;
  }
  const std::size_t dot = domain.rfind('.');
  if (labels < 2 || dot == domain.npos || !is_top_domain(std::string_view(domain).substr(dot + 1)))
    return;
  finish(scene, reading, scene.text.substr(reading.begin, end - reading.begin), domain, out);
}

void locate(const Scene& scene, std::size_t end, std::vector<Reading>& out) {
  if (end < scene.begin + 3 || end > scene.end) return;
  if (scene.text[end - 2] == '@' && scene.text[end - 1] != ')' && scene.text[end - 1] != ']') {
    locate_plain(scene, end - 2, out);
    return;
  }
  // The pattern ended behind the sign in disguise: "(at)", "[@]", "snabel-a".
  const std::size_t from = end - scene.begin > 12 ? end - 12 : scene.begin;
  const std::string low = folded(scene.text.substr(from, end - from));
  for (const std::string_view sign :
       {"(at)", "[at]", "{at}", "( at )", "[ at ]", "(@)", "[@]", "(snabel-a)", "[snabel-a]",
        "(snabela)", "[snabela]", " snabel-a ", " snabela "})
    if (low.ends_with(sign)) {
      locate_disguised(scene, end - sign.size(), end, out);
      return;
    }
}

// "a•••@exempel.se"
std::string mask(std::string_view value) {
  const std::size_t at = value.rfind('@');
  if (at == std::string_view::npos || at == 0) return "•••";
  std::size_t first = 1;
  while (first < at && (static_cast<unsigned char>(value[first]) & 0xC0) == 0x80) ++first;
  return std::string(value.substr(0, first)) + "•••" + std::string(value.substr(at));
}

}  // namespace

extern const ValidatorEntry validator_email;
const ValidatorEntry validator_email = {"email", locate, mask};

}  // namespace gallra::detect
