// What every page has around its sections: head with the policy that pins style and script, navigation, data, script.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reports/page/html.h"

namespace concadvise {

struct Link {
  std::string_view id;
  std::string_view name;
};

struct Page {
  std::string title;        // raw
  Html heading;
  std::vector<Link> links;  // to the sections
  Html sections;            // the first one has the id "verdict"
  Html data;                // data blocks
};

/// A `<script type="application/json">` that nothing in the JSON can end.
Html data_block(std::string_view id, const std::string& json);

std::string page_of(const Page& page);

}  // namespace concadvise
