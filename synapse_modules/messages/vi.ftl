## huep explain
explain-find = Tìm thấy trong danh bạ
explain-invite = Mời vào phòng hay bắt đầu trò chuyện
explain-message = Nhắn tin
explain-shared-rooms = Hai người đang có { $count } phòng chung; trong đó vẫn nhắn tin được.

reason-self = Vì đó là chính họ.
reason-service = Vì một bên là tài khoản dịch vụ hoặc trợ lý; ai cũng liên hệ được.
reason-asker-not-in-register = Vì tài khoản của người hỏi không có trong danh sách cán bộ, công chức.
reason-asker-left = Vì tài khoản của người hỏi đang khóa.
reason-not-in-register = Vì người kia không có trong danh sách cán bộ, công chức: không ai tìm thấy hay mời được. Người ngoài chỉ vào với tư cách khách do lãnh đạo bảo lãnh.
reason-left = Vì tài khoản của người kia đang khóa.
reason-leads = Vì người hỏi là cấp trưởng hoặc cấp phó của một đơn vị có người kia.
reason-asker-internal = Vì đơn vị của người hỏi chỉ trao đổi trong nội bộ.
reason-closed-unit = Vì đơn vị của người kia được ẩn với bên ngoài.
reason-same-unit = Vì hai người ở trong cùng một đơn vị.
reason-red-list-reached = Vì người kia ở trong danh sách hạn chế liên hệ, và chức vụ của người hỏi được liên hệ với họ.
reason-red-list = Vì người kia ở trong danh sách hạn chế liên hệ, và chức vụ của người hỏi không được liên hệ với họ.
reason-open = Vì không có quy tắc nào ngăn hai người.
reason-guest-of-unit = Vì một bên là khách, bên kia là người của đơn vị bảo lãnh khách.
reason-guest-led = Vì người kia là khách do một đơn vị cấp dưới của người hỏi bảo lãnh: tìm thấy được, nhưng chỉ người của đơn vị đó mời và nhắn tin được.
reason-guest-asks = Vì người hỏi là khách, chỉ liên hệ được với người của đơn vị bảo lãnh.
reason-guest = Vì người kia là khách của đơn vị khác; chỉ người của đơn vị bảo lãnh liên hệ được.
