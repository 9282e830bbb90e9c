"""The routers of all pages, and of what the gateway answers itself."""

from gateway.partners.api import router as partners
from gateway.web.front_page.pages import router as front_page
from gateway.web.information.pages import router as information
from gateway.web.items.pages import router as items
from gateway.web.learning.completions.pages import router as learning_record
from gateway.web.learning.pages import router as learning
from gateway.web.pages.api import router as platform
from gateway.web.preferences.pages import router as preferences
from gateway.web.questions.follow_up.pages import router as question_follow_up
from gateway.web.questions.new.pages import router as new_question
from gateway.web.questions.own.pages import router as own_questions
from gateway.web.questions.pages import router as questions
from gateway.web.saved_answers.pages import router as saved_answers
from gateway.web.sign_in.api import router as sign_in

# `/learning/record` and `/questions/ask` come before `/learning/{id}` and `/questions/{id}`.
ROUTERS = (
    front_page,
    information,
    items,
    learning_record,
    learning,
    partners,
    platform,
    preferences,
    new_question,
    own_questions,
    question_follow_up,
    questions,
    saved_answers,
    sign_in,
)
