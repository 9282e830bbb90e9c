"""The routers of all pages, and of what the gateway answers itself."""

from gateway.partners.api import router as partners
from gateway.roles.api import router as roles
from gateway.web.contributions.pages import router as contributions
from gateway.web.contributions.words.pages import router as contribution_words
from gateway.web.demo.pages import router as demo
from gateway.web.front_page.pages import router as front_page
from gateway.web.guides.pages import router as guides
from gateway.web.information.pages import router as information
from gateway.web.items.pages import router as items
from gateway.web.learning.completions.pages import router as learning_record
from gateway.web.learning.pages import router as learning
from gateway.web.line_of_sight.pages import router as line_of_sight
from gateway.web.pages.api import router as platform
from gateway.web.preferences.pages import router as preferences
from gateway.web.questions.follow_up.pages import router as question_follow_up
from gateway.web.questions.new.pages import router as new_question
from gateway.web.questions.own.pages import router as own_questions
from gateway.web.questions.pages import router as questions
from gateway.web.saved_answers.pages import router as saved_answers
from gateway.web.search.pages import router as search
from gateway.web.sessions.pages import router as session_pages
from gateway.web.sign_in.api import router as sessions
from gateway.web.sign_in.pages import router as sign_in
from gateway.web.take_part.pages import router as take_part
from gateway.web.tell.pages import router as tell
from gateway.web.topics.pages import router as topics
from gateway.web.work.bulk_changes.pages import router as work_bulk_changes
from gateway.web.work.items.descriptions.pages import router as work_item_descriptions
from gateway.web.work.items.pages import router as work_items
from gateway.web.work.items.states.pages import router as work_item_states
from gateway.web.work.pages import router as work
from gateway.web.work.proposals.pages import router as work_proposals

# `/learning/record`, `/questions/ask` and `/staff/evidence/new` come before `/learning/{id}` and the like.
ROUTERS = (
    learning_record,
    new_question,
    own_questions,
    question_follow_up,
    work_item_descriptions,
    contribution_words,
    contributions,
    demo,
    front_page,
    guides,
    information,
    items,
    learning,
    line_of_sight,
    partners,
    platform,
    preferences,
    questions,
    roles,
    saved_answers,
    search,
    session_pages,
    sessions,
    sign_in,
    take_part,
    tell,
    topics,
    work,
    work_bulk_changes,
    work_item_states,
    work_items,
    work_proposals,
)
