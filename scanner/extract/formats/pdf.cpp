// PDF. Page text through poppler's core, page by page, so that a broken page costs that page; the
// rest of the document (forms, annotations, properties, attachments) through pdf/pdf_objects.
// Poppler's private headers change with every release: they are seen in this file only.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>
#include <fmt/core.h>
#include <memory>
#include <optional>
#include <poppler/Error.h>
#include <poppler/ErrorCodes.h>
#include <poppler/GfxState.h>
#include <poppler/GlobalParams.h>
#include <poppler/OptionalContent.h>
#include <poppler/PDFDoc.h>
#include <poppler/Page.h>
#include <poppler/TextOutputDev.h>
#include <string>

#include "scanner/extract/extractor.hpp"
#include "scanner/extract/pdf/pdf_objects.hpp"
#include "scanner/extract/pdf/pdf_salvage.hpp"
#include "scanner/extract/text_writer.hpp"

namespace gallra::extract {
namespace {

// The whole file stands in memory beside poppler's and qpdf's objects, within 1 GiB in all.
constexpr std::uint64_t kMaxFileBytes = 256ull << 20;
// To salvage a file its bytes stand in memory twice.
constexpr std::uint64_t kMaxSalvageBytes = 128ull << 20;
// A page takes some 10 ms; one that takes this long is made to take long.
constexpr double kPageSeconds = 10;
// Share of the CPU budget after which we stop ourselves, to be able to say how far we came.
constexpr double kBudgetShare = 0.8;
// Below so much text a page with pictures is a scan with perhaps a page number on it.
constexpr std::size_t kFewCharacters = 20;
// Share of the page that pictures cover on a scan; a logotype covers less, a scan in strips all.
constexpr double kPictureShare = 0.1;
// Letters drawn as shapes: a page of them has thousands of curved areas, a logotype has dozens.
constexpr int kOutlinedText = 300;
// Page trees that promise more than this lie.
constexpr int kMaxPages = 200'000;
// A tree that has given so many missing pages in a row has no more.
constexpr int kMaxMissingRun = 64;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Poppler's messages can quote the document, so they are never kept; only that a compressed stream
// was damaged is noted. One document at a time in a process.
int g_damaged_streams = 0;

void note_error(ErrorCategory, Goffset, const char* message) {
  if (std::strstr(message, "flate stream") != nullptr) ++g_damaged_streams;
}

class Deadline {
 public:
  explicit Deadline(const Limits& limits)
      : document_end_(cpu_seconds() + kBudgetShare * static_cast<double>(limits.max_cpu.count())) {}

  void start_page() { page_end_ = std::min(document_end_, cpu_seconds() + kPageSeconds); }
  bool document_over() const { return cpu_seconds() > document_end_; }
  bool page_over() const { return page_over_; }

  // Poppler asks every few operators; the clock is a system call, so it is read now and then.
  static bool ask(void* self) {
    auto& deadline = *static_cast<Deadline*>(self);
    if (deadline.page_over_) return true;
    if (++deadline.asked_ % 32 == 0) deadline.page_over_ = cpu_seconds() > deadline.page_end_;
    return deadline.page_over_;
  }

 private:
  double document_end_;
  double page_end_ = 0;
  unsigned asked_ = 0;
  bool page_over_ = false;
};

// Text in reading order, and how many curved areas the page draws.
class PageText : public TextOutputDev {
 public:
  explicit PageText(std::string& into)
      : TextOutputDev(append, &into, /*physLayout=*/false, 0, /*rawOrder=*/false) {}

  void fill(GfxState* state) override {
    count(state);
    TextOutputDev::fill(state);
  }
  void eoFill(GfxState* state) override {
    count(state);
    TextOutputDev::eoFill(state);
  }
  int curved_areas() const { return curved_; }

 private:
  static void append(void* into, const char* text, int length) {
    static_cast<std::string*>(into)->append(text, static_cast<std::size_t>(std::max(length, 0)));
  }
  void count(GfxState* state) {
    const GfxPath* path = state->getPath();
    for (int i = 0; i < std::min(path->getNumSubpaths(), 100); ++i) {
      const GfxSubpath* part = path->getSubpath(i);
      bool curve = false;
      for (int p = 0; p < std::min(part->getNumPoints(), 20) && !curve; ++p)
        curve = part->getCurve(p);
      if (curve) ++curved_;
    }
  }

  int curved_ = 0;
};

// True when the resources hold a picture, directly or through forms (scanners nest one or two).
bool has_picture(Dict* resources, int depth) {
  if (resources == nullptr || depth > 4) return false;
  Object objects = resources->lookup("XObject");
  if (!objects.isDict()) return false;
  for (int i = 0; i < std::min(objects.dictGetLength(), 200); ++i) {
    Object object = objects.getDict()->getVal(i);
    if (!object.isStream()) continue;
    Dict* dict = object.streamGetDict();
    const Object subtype = dict->lookup("Subtype");
    if (subtype.isName("Image")) return true;
    Object inner = dict->lookup("Resources");
    if (subtype.isName("Form") && inner.isDict() && has_picture(inner.getDict(), depth + 1))
      return true;
  }
  return false;
}

// How much of a page its pictures cover. Nothing is decoded and nothing but pictures is drawn.
class PictureArea : public OutputDev {
 public:
  bool upsideDown() override { return true; }
  bool useDrawChar() override { return false; }
  bool interpretType3Chars() override { return false; }
  bool useTilingPatternFill() override { return true; }
  bool useShadedFills(int) override { return true; }
  bool tilingPatternFill(GfxState*, Gfx*, Catalog*, GfxTilingPattern*, const double*, int, int, int,
                         int, double, double) override {
    return true;
  }
  bool functionShadedFill(GfxState*, GfxFunctionShading*) override { return true; }
  bool axialShadedFill(GfxState*, GfxAxialShading*, double, double) override { return true; }
  bool radialShadedFill(GfxState*, GfxRadialShading*, double, double) override { return true; }
  bool gouraudTriangleShadedFill(GfxState*, GfxGouraudTriangleShading*) override { return true; }
  bool patchMeshShadedFill(GfxState*, GfxPatchMeshShading*) override { return true; }

  void drawImage(GfxState* state, Object* ref, Stream* data, int width, int height,
                 GfxImageColorMap* colors, bool interpolate, const int* mask,
                 bool inlined) override {
    add(state);
    OutputDev::drawImage(state, ref, data, width, height, colors, interpolate, mask, inlined);
  }
  void drawImageMask(GfxState* state, Object* ref, Stream* data, int width, int height, bool invert,
                     bool interpolate, bool inlined) override {
    add(state);
    OutputDev::drawImageMask(state, ref, data, width, height, invert, interpolate, inlined);
  }
  double area() const { return area_; }

 private:
  // A picture is the unit square under the matrix.
  void add(GfxState* state) {
    const double* m = state->getCTM();
    area_ += std::fabs(m[0] * m[3] - m[1] * m[2]);
  }

  double area_ = 0;
};

std::size_t visible_characters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool is_scan(PDFDoc& doc, Page& page, int number, Deadline& deadline) {
  if (!has_picture(page.getResourceDict(), 0)) return false;
  PictureArea device;
  doc.displayPage(&device, number, 72, 72, 0, true, false, false, Deadline::ask, &deadline);
  return device.area() > kPictureShare * page.getMediaWidth() * page.getMediaHeight();
}

struct PageCount {
  int all = 0;
  int read = 0;
  int pictures = 0;
  int broken = 0;
  int slow = 0;
  bool out_of_time = false;
  bool too_many = false;
};

void read_page(PDFDoc& doc, int number, Deadline& deadline, TextWriter& out, PageCount& count) {
  Page* page = doc.getPage(number);
  if (page == nullptr || !page->isOk()) {
    ++count.broken;
    return;
  }
  const int damaged_before = g_damaged_streams;
  std::string text;
  int curved_areas = 0;
  deadline.start_page();
  {
    PageText device(text);
    device.setTextPageBreaks(false);
    doc.displayPage(&device, number, 72, 72, 0, true, false, false, Deadline::ask, &deadline);
    curved_areas = device.curved_areas();
  }
  out.prose({PlaceKind::kPage, static_cast<std::uint32_t>(number), 1, {}},
            join_spaced_digits(text));
  const bool picture = visible_characters(text) < kFewCharacters &&
                       (curved_areas >= kOutlinedText || is_scan(doc, *page, number, deadline));
  if (deadline.page_over()) {
    ++count.slow;
  } else if (g_damaged_streams > damaged_before) {
    ++count.broken;
  } else if (picture) {
    ++count.pictures;
  } else {
    ++count.read;
  }
}

// Layers that are switched off are text all the same.
void show_all_layers(PDFDoc& doc) {
  if (!doc.isOk()) return;
  const OCGs* layers = doc.getOptContentConfig();
  if (layers == nullptr) return;
  for (const auto& [ref, layer] : layers->getOCGs()) layer->setState(OptionalContentGroup::On);
}

PageCount read_pages(PDFDoc& doc, Deadline deadline, TextWriter& out) {
  PageCount count;
  count.all = std::clamp(doc.getNumPages(), 0, kMaxPages);
  count.too_many = doc.getNumPages() > kMaxPages;
  int missing_run = 0;
  for (int number = 1; number <= count.all && missing_run < kMaxMissingRun; ++number) {
    if (deadline.document_over()) {
      count.out_of_time = true;
      break;
    }
    Deadline page_deadline = deadline;
    const int broken_before = count.broken;
    read_page(doc, number, page_deadline, out, count);
    missing_run = count.broken > broken_before ? missing_run + 1 : 0;
  }
  if (missing_run == kMaxMissingRun)
    count.broken = count.all - count.read - count.pictures - count.slow;
  return count;
}

bool ends_as_written(std::string_view bytes) {
  return bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 2048)).find("%%EOF") !=
         std::string_view::npos;
}

// Security handlers other than these two belong to rights management (Microsoft IRM, LiveCycle,
// FileOpen, e-book shops): no password opens them.
Outcome locked(PDFDoc& doc) {
  Object encrypt = doc.getXRef()->getTrailerDict()->dictLookup("Encrypt");
  Object filter = encrypt.isDict() ? encrypt.dictLookup("Filter") : Object(objNull);
  if (!filter.isName() || filter.isName("Standard") || filter.isName("Adobe.PubSec"))
    return Outcome::not_read(Reason::kEncrypted);
  return Outcome::not_read(Reason::kRightsManaged);
}

Outcome judge(const PageCount& pages, bool repaired, bool content, bool damaged_objects) {
  const bool nothing = pages.read == 0 && !content;
  const auto of_all = [&](int n) { return fmt::format("{} of {} pages", n, pages.all); };
  const auto say = [&](Reason reason, std::string detail) {
    return nothing ? Outcome::not_read(reason, std::move(detail))
                   : Outcome::in_part(reason, std::move(detail));
  };
  if (pages.out_of_time)
    return Outcome::in_part(Reason::kTimeout,
                            of_all(pages.all - pages.read - pages.pictures - pages.broken));
  if (pages.too_many) return say(Reason::kTooLarge, fmt::format("more than {} pages", kMaxPages));
  if (pages.slow > 0) return Outcome::in_part(Reason::kTimeout, of_all(pages.slow));
  if (pages.broken > 0) return say(Reason::kCorrupt, of_all(pages.broken));
  if (pages.all == 0) return say(Reason::kCorrupt, "no pages");
  if (repaired) return say(Reason::kCorrupt, "cross-reference table lost");
  if (pages.pictures == pages.all && !content) return Outcome::not_read(Reason::kImageOnly);
  if (pages.pictures > 0) return say(Reason::kImageOnly, of_all(pages.pictures));
  if (damaged_objects) return say(Reason::kCorrupt, "objects beside the pages");
  return Outcome::read();
}

void open_globals() {
  globalParams = std::make_unique<GlobalParams>();
  globalParams->setErrQuiet(true);
  setErrorCallback(note_error);
}

Outcome extract_pdf(const ExtractRequest& request, ExtractSink& sink) {
  if (request.source.size > kMaxFileBytes)
    return Outcome::not_read(Reason::kTooLarge,
                             fmt::format("PDF above {} MiB", kMaxFileBytes >> 20));
  std::string bytes;
  if (!request.source.read_all(bytes, kMaxFileBytes)) return Outcome::not_read(Reason::kIoError);
  if (globalParams == nullptr) open_globals();
  g_damaged_streams = 0;

  bool repaired = false;
  const auto open = [&] {
    auto* stream =
        new MemStream(bytes.data(), 0, static_cast<Goffset>(bytes.size()), Object(objNull));
    return std::make_unique<PDFDoc>(stream, std::optional<GooString>{}, std::optional<GooString>{},
                                    nullptr, [&] { repaired = true; });
  };
  const bool whole = ends_as_written(bytes);
  std::unique_ptr<PDFDoc> doc = open();
  if (!doc->isOk() && doc->getErrorCode() == errEncrypted) return locked(*doc);
  auto objects = std::make_unique<PdfObjects>(bytes);
  if (objects->encrypted() && !doc->isOk()) return Outcome::not_read(Reason::kEncrypted);
  if (!doc->isOk() && !objects->opened() && bytes.size() <= kMaxSalvageBytes) {
    doc.reset();
    objects.reset();
    bytes = salvage_pdf(bytes, kMaxFileBytes);
    doc = open();
    objects = std::make_unique<PdfObjects>(bytes);
    repaired = true;
  }
  if (objects->opened() && objects->rights_managed())
    return Outcome::not_read(Reason::kRightsManaged);

  TextWriter out(sink, request.first_member > 0);
  show_all_layers(*doc);
  PageCount pages;
  if (doc->isOk() && request.first_member == 0)
    pages = read_pages(*doc, Deadline(request.limits), out);
  PdfObjects::Found found;
  PdfObjects::Found members;
  if (objects->opened()) {
    found = objects->emit_text(out);
    members = objects->emit_members(request, sink);
  }
  // Some writers leave a wrong table in a whole file; then all pages are there and it ends in
  // %%EOF.
  const bool lost = !doc->isOk() || (repaired && !whole);
  if (request.first_member > 0) return Outcome::read();
  return judge(pages, lost, found.content || members.content, found.damaged || members.damaged);
}

}  // namespace

extern const ExtractorEntry extractor_pdf;
const ExtractorEntry extractor_pdf{.name = "pdf",
                                   .formats = {Format::kPdf},
                                   .jailed = true,
                                   .extract = extract_pdf,
                                   .prepare = open_globals};

}  // namespace gallra::extract
